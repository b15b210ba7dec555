const { defineConfig } = require("@playwright/test");

module.exports = defineConfig({
  testDir: ".",
  testMatch: "shop.spec.js",
  outputDir: process.env.WORK + "/out/playwright/test-results",
  reporter: [["json", { outputFile: process.env.WORK + "/out/playwright/report.json" }]],
  retries: 1,
  workers: 1,
  timeout: 20000,
  projects: [{ name: "chromium – schmal" }],
  use: {
    launchOptions: { executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-background-networking"] },
    viewport: { width: 320, height: 240 },
    screenshot: "on",
    trace: { mode: "retain-on-failure", screenshots: false, sources: false },
    video: { mode: "retain-on-failure", size: { width: 160, height: 120 } },
  },
});

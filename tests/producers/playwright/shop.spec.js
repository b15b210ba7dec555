const { test, expect } = require("@playwright/test");

const page = `<!doctype html><title>Geschäft</title><input id=email><button onclick="out.textContent='Grüß Gott'">Kaufen</button><p id=out></p>`;

test.describe("Geschäft 登录", () => {
  test("Käufer kauft ✓", { tag: "@smoke", annotation: { type: "issue", description: "https://tracker.example/7" } }, async ({ page: tab }, info) => {
    await test.step("Navigate to shop", () => tab.setContent(page));
    await test.step("Fill form", async () => {
      await test.step("Type e-mail", () => tab.fill("#email", "jürgen@example.com"));
      await test.step("Click 'Kaufen'", () => tab.click("button"));
    });
    await info.attach("before payment", { body: await tab.screenshot(), contentType: "image/png" });
    await info.attach("response", { body: JSON.stringify({ greeting: "Grüß Gott" }), contentType: "application/json" });
    console.log("gekauft 🛒");
    console.error("a warning");
    await test.step("Expect greeting", () => expect(tab.locator("#out")).toHaveText("Grüß Gott"));
  });

  test("button is missing", async ({ page: tab }) => {
    await test.step("Navigate to shop", () => tab.setContent(page));
    await test.step("Pay", async () => {
      await test.step("Click 'Bezahlen'", () => tab.click("#missing", { timeout: 300 }));
    });
  });

  test("flaky", async ({}, info) => {
    await test.step("Wait for luck", () => expect(info.retry).toBe(1));
  });

  test.skip("printer", async () => {});

  test("known fault", async () => {
    test.fail();
    expect(1).toBe(2);
  });
});

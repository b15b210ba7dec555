const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");
const addContext = require("mochawesome/addContext");

const out = path.join(process.env.WORK, "out", "mochawesome");

// A PNG of one colour, as a browser's screenshot stands for.
function png(red, green, blue, size = 16) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(data.length);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(zlib.crc32(body));
    return Buffer.concat([head, body, tail]);
  };
  const row = Buffer.concat([Buffer.from([0]), Buffer.concat(Array(size).fill(Buffer.from([red, green, blue])))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(size, 0);
  header.writeUInt32BE(size, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = zlib.deflateSync(Buffer.concat(Array(size).fill(row)));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]);
}

// Where and under which names Cypress leaves its pictures and videos.
function picture(name, data) {
  const file = path.join(out, "screenshots", "shop.js", name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, data);
}

describe("Geschäft 登录", () => {
  before("open the shop", () => {});
  beforeEach("sign in", () => {});
  afterEach("sign out", () => {});

  it("Käufer kauft ✓", function () {
    picture("kauf.png", png(1, 2, 3));
    addContext(this, "screenshots/shop.js/kauf.png");
    addContext(this, { title: "before payment", value: "data:image/png;base64," + png(9, 9, 9).toString("base64") });
    addContext(this, { title: "response", value: { greeting: "Grüß Gott" } });
    addContext(this, "https://tracker.example/7");
    addContext(this, "screenshots/lost.png");
  });

  describe("payment", () => {
    it("is refused", () => {
      picture("Geschäft 登录 -- payment -- is refused (failed).png", png(255, 0, 0));
      assert.strictEqual("refused", "paid", "Karte abgelehnt");
    });

    it("is flaky", function () {
      this.retries(2);
      picture(`Geschäft 登录 -- payment -- is flaky (failed)${this.test.currentRetry() ? " (attempt 2)" : ""}.png`, png(200, 0, 0));
      assert.strictEqual(this.test.currentRetry(), 1);
    });

    it.skip("by printer", () => {});
    it("by cash");
  });

  describe("warehouse", () => {
    before("open the warehouse", () => {
      throw new Error("no key");
    });
    it("is full", () => {});
  });
});

"use strict";
// One page of the shop in one state, from the address: shop.html?view=login&email=…&focus=submit&banner=1
const given = new URLSearchParams(location.search);
const get = (name, other = "") => given.get(name) ?? other;
const items = [["Desk lamp", "#f6bd60", "39.00"], ["Floor lamp", "#84a59d", "129.00"], ["Clip lamp", "#f28482", "19.50"], ["Oak chair", "#b08968", "89.00"], ["Stool", "#a3b18a", "45.00"], ["Side table", "#8d99ae", "64.00"]];
const goods = (list) => `<div class="grid">${list.map(([name, colour, price]) => `<div class="card item"><i style="background:${colour}"></i><b>${name}</b><div class="price">€ ${price}</div></div>`).join("")}</div>`;
const mark = (name) => (get("focus") === name ? " focus" : "");
const views = {
  login: () => `<div class="card narrow"><h2>Sign in</h2><label>Email<input class="${mark("email")}" value="${get("email")}"></label><label>Password<input type="password" class="${mark("password")}" value="${get("password")}"></label><button class="primary${mark("submit")}">Sign in</button></div>`,
  home: () => `<h2>Welcome back${get("user") ? ", " + get("user") : ""}</h2>${goods(items)}`,
  search: () => `<h2>Results for “${get("q")}”</h2>${get("q") ? goods(items.filter(([name]) => name.toLowerCase().includes(get("q")))) : ""}`,
  cart: () => `<div class="card"><h2>Your cart</h2><table><tr><td>Desk lamp × ${get("n", "1")}</td><td>€ ${(39 * Number(get("n", "1"))).toFixed(2)}</td></tr><tr><td>Shipping</td><td>€ 4.90</td></tr><tr><td><b>Total</b></td><td><b>€ ${get("total", (39 * Number(get("n", "1")) + 4.9).toFixed(2))}</b></td></tr></table><br><button class="primary${mark("pay")}">Check out</button></div>`,
  done: () => `<div class="card"><h2 class="ok">Thank you for your order</h2><p>Order 1042 is on its way.</p></div>`,
  profile: () => `<div class="card narrow"><h2>Profile</h2><label>Name<input class="${mark("name")}" value="${get("name")}"></label><button class="primary${mark("save")}">Save</button>${get("saved") ? '<p class="ok">Saved</p>' : ""}</div>`,
  broken: () => `<div class="card"><h2 class="bad">Something went wrong</h2><p>503 Service Unavailable. The catalogue does not answer.</p></div>`,
};
document.getElementById("view").innerHTML = views[get("view", "home")]();
document.getElementById("who").textContent = get("user");
document.getElementById("banner").hidden = !get("banner");

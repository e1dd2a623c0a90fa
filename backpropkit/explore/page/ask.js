// A question answered with a number before anything moves: judged in the page, as in backpropkit/explore/predict.py.
import { PLAIN, number } from "./format.js";

const NEAR = 0.02; // of the answer: 0.45 will do for 5/11
const nearly = (value, wanted) => Math.abs(value - wanted) <= Math.max(NEAR * Math.abs(wanted), 1e-9);

/** A number as people type it: a real minus sign, a decimal comma, a fraction, a per cent sign; NaN for anything else. */
export function numberTyped(typed) {
  const plain = typed.replaceAll("−", "-").replaceAll(",", ".").replaceAll("%", "").trim();
  const [over, under = "1", ...more] = plain.split("/").map((part) => (PLAIN.test(part.trim()) ? Number(part) : NaN));
  const value = over / under;
  return more.length || !Number.isFinite(value) ? NaN : value;
}

/** Whether the two have the same digits, and the point in another place. */
function otherPower(value, answer) {
  if (!value || !answer) return false;
  const ratio = Math.abs(value / answer), power = Math.round(Math.log10(ratio));
  return power !== 0 && nearly(ratio, 10 ** power);
}

/** What whoever came to this number should ask themselves; "" if nothing known leads to it. */
function thoughtOf(value, { answer, thoughts }) {
  const met = thoughts.filter(([wrong]) => nearly(value, wrong)).map(([, told]) => told);
  if (!met.length && otherPower(value, answer)) met.push("The digits are right, the point is not. How large is the nudge, and what is asked?");
  const found = [...new Set(met)].slice(0, 2);
  return found.length ? `${found.join(" Or else: ")} Then predict again.` : "";
}

/** What to say about a prediction: its sign, its size, and what would lead to such a number. */
export function judgedTyped(typed, question) {
  const value = numberTyped(typed), { answer, slips } = question, said = typed.trim();
  if (Number.isNaN(value)) return `${said ? `“${said}” is not a number` : "Nothing typed yet"}. Type a number, such as −4, 0.6 or 2/3.`;
  const wrong = value * answer < 0 ? ["the sign is wrong"] : [];
  if (!nearly(Math.abs(value), Math.abs(answer)) || (slips.includes(value) && !wrong.length)) {
    wrong.push(Math.abs(value) > Math.abs(answer) ? "that is too much" : "that is too little");
  }
  if (!wrong.length) return `Yes: ${number(answer)}.`;
  return `Not ${number(value)}: ${wrong.join(", and ")}. ${thoughtOf(value, question) || "Try it below, then predict again."}`;
}

/** Bring every question of this page to life that has not been. */
export function ask() {
  for (const place of document.querySelectorAll(".bp-asked:not([data-on])")) {
    place.dataset.on = "1";
    const question = JSON.parse(place.querySelector("script.bp-question").textContent);
    const field = place.querySelector("input"), reply = place.querySelector(".bp-reply");
    const judge = () => (reply.textContent = judgedTyped(field.value, question));
    field.addEventListener("change", judge); // when the field is left
    field.addEventListener("keydown", (event) => {
      event.stopPropagation(); // a notebook would take Enter for itself
      if (event.key === "Enter") judge();
    });
    place.querySelector("button").addEventListener("click", judge);
    place.classList.add("bp-alive");
  }
}

// Editing a minimum moves the maximum of the grade below; minima that leave no range are told before they are sent.
"use strict";

const form = document.getElementById("editor");
const minima = ["A", "B", "C"].map((grade) => document.getElementById(`min-${grade}`));
const mistake = document.getElementById("mistake");
const below = ["B", "C", "D"];

function told() {
  const values = minima.map((input) => Number(input.value));
  for (let i = 0; i < values.length; i += 1) {
    const grade = ["A", "B", "C"][i];
    if (minima[i].value === "" || !Number.isInteger(values[i]) || values[i] < 1 || values[i] > 100) {
      return `Grade ${grade}: write a whole number from 1 to 100.`;
    }
    if (i > 0 && values[i] >= values[i - 1]) {
      return `${["A", "B", "C"][i - 1]} (${values[i - 1]}) must begin above ${grade} (${values[i]}): the ranges would overlap or leave a gap.`;
    }
  }
  return "";
}

function update() {
  const problem = told();
  minima.forEach((input, i) => {
    const maximum = document.getElementById(`max-${below[i]}`);
    maximum.value = input.value === "" ? "–" : String(Number(input.value) - 1);
  });
  mistake.textContent = problem;
  document.getElementById("preview").disabled = problem !== "";
}

form.addEventListener("input", update);

// A place on the screen that is drawn anew only when what it shows has changed, so that whoever reads
// it, has scrolled in it or has the keyboard there is not disturbed.

import { make } from "/settings/dom.js";

export class Slot {
  #shown;

  // `draw` gives an element or several for the data.
  constructor(draw, properties = {}) {
    this.draw = draw;
    this.element = make("div", properties);
  }

  set(data) {
    const key = JSON.stringify(data);
    if (key === this.#shown) return;
    this.#shown = key;
    const boxes = [...this.element.querySelectorAll(".box")];
    const scrolled = boxes.map((box) => box.scrollLeft);
    const focused = boxes.indexOf(document.activeElement);
    this.element.replaceChildren(...[this.draw(data)].flat().filter(Boolean));
    for (const [position, box] of this.element.querySelectorAll(".box").entries()) {
      box.scrollLeft = scrolled[position] ?? 0;
      if (position === focused) box.focus();
    }
  }
}

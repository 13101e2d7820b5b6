// Whether all is well, and what to do when it is not.

import { make } from "/settings/dom.js";

export const overview = {
  name: "overview",
  title: "Overview",

  async show(root, { app }) {
    const { sources } = await app.call("getSources");
    root.append(make("p", {}, `${sources.length} platforms are known.`));
  },

  leave() {},
};

/** Keys. Namespace "help". */
export const en = {
  title: "Keyboard",
  say: "Everything can be done without a pointer. Pages add keys of their own while they are shown.",
  single: "Single keys work",
  singleHelp: "Turn them off if you dictate, or if letters trigger things by accident. This browser remembers it.",
  off: "(turned off)",
  space: "Space",
  fixed: {
    title: "Always",
    tab: "next and previous control",
    enter: "open, press, send",
    escape: "close what lies over the page",
  },
};

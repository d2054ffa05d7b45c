/** Opening something by link or id. Namespace "open". */
export const en = {
  title: "Open a conversation",
  paste: "Paste a ticket link or an id",
  open: "Open",
  examples: "For example",
  example: {
    url: "https://acme.zendesk.com/agent/tickets/5012",
    short: "zd ticket 5012",
    id: "5012",
  },
  promise:
    "Read live from the provider while it is on the screen. What stays is one line: who looked, at what, when. <audit>Your lines</audit>",
  several_one: "{{count}} conversation fits. Which one?",
  several_other: "{{count}} conversations fit. Which one?",
  noRight: {
    title: "You can look after links and people here",
    say: "Administrators do not see what customers said. Whoever reviews conversations needs the role analyst; one person may have both.",
    links: "Go to the links",
  },
  noLinks: {
    manages: "No account is linked yet, so there is nothing to open.",
    asks: "No account is linked yet. Ask an administrator to link one.",
  },
  toLinks: "Go to the links",
  link: {
    ok: "{{title}} works.",
    new: "{{title}} has been added but not authorized yet.",
    needs_reconnect: "{{title}} cannot be read: it must be connected again.",
    paused: "{{title}} is paused.",
  },
};

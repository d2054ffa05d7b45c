/** The demo's bar and samples. Namespace "demo". */
export const en = {
  bar: "Demo",
  demo: "Demo",
  say: "simulated providers on this machine; nothing goes out",
  lookAs: "Look as",
  role: { agent: "Agent", team_leader: "Team leader", analyst: "Analyst", administrator: "Administrator" },
  break: "Break something",
  breakSay: "The simulated provider misbehaves; what you then see is the real screen. Choose again to mend it.",
  broken_one: "{{count}} thing is broken",
  broken_other: "{{count}} things are broken",
  done: "Done: {{title}}",
  mend: "Mend: {{title}}",
  mendSay: "This is the demo, and something was broken that may have ended the sign-in.",
  terminal: "Or press Enter in the terminal where the demo runs: it prints a new one-time link.",
  samples: "Worth looking at",
  copyAddress: "Copy the provider's address of: {{title}}",
};

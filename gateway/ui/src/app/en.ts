/** The shell's words. Namespace "app". */
export const en = {
  name: "Sightglass",
  home: "{{site}}: start page",
  queue: "Queue",
  another: "Open another conversation",
  skip: "Skip to the page",
  loading: "Loading",
  nobody: "Not signed in",
  person: "Person",
  personMenu: "{{name}}: menu",
  pages: { label: "Pages", links: "Links", users: "Users", access: "Access", audit: "Audit" },
  role: { agent: "Agent", team_leader: "Team leader", analyst: "Analyst", administrator: "Administrator" },
  theme: { title: "Theme", system: "As the system", light: "Light", dark: "Dark" },
  keys: { title: "Everywhere", sheet: "Keyboard", show: "Show the keys" },
  signOut: "Sign out",
  notFound: {
    title: "There is no such page",
    say: "The address may have been cut when it was copied.",
    start: "Go to the start page",
  },
  broken: {
    page: "This page failed",
    title: "The page stopped working",
    action: "Try again; if it stays, load the page anew.",
  },
};

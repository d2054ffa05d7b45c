import type { Session } from "../api/useSession";

const pages = [
  { to: "/links", title: "pages.links", right: "links.manage" },
  { to: "/users", title: "pages.users", right: "users.manage" },
  { to: "/access", title: "pages.access", right: "site.manage" },
  { to: "/audit", title: "pages.audit", right: "audit.own" },
] as const;

/** The shell's pages that this person may see. */
export function pagesFor(session: Session) {
  return pages.filter((page) => session.rights.includes(page.right));
}

import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  notFound,
} from "@tanstack/react-router";
import { Problem, type Schemas } from "../api/problem";
import { type QueueSearch, queueSearch } from "../features/queue/filter";
import { ConversationRoute } from "./ConversationRoute";
import { BrokenPage, NotFoundPage } from "./LostPages";
import { Shell } from "./Shell";
import { SignInRoute } from "./SignInRoute";
import { StartRoute } from "./StartRoute";

export type Reason = Schemas["OpenReason"];

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof newRouter>;
  }
  interface HistoryState {
    /** How one came to a conversation; part of the entry, not of its address. */
    reason?: Reason;
  }
}

// Most people never see the administrators' pages: they come when they are asked for.
const AccessPage = lazyRouteComponent(() => import("../features/access/AccessPage"), "AccessPage");
const AuditPage = lazyRouteComponent(() => import("../features/audit/AuditPage"), "AuditPage");
const LinksPage = lazyRouteComponent(() => import("../features/links/LinksPage"), "LinksPage");
const NewLinkPage = lazyRouteComponent(() => import("../features/links/NewLinkPage"), "NewLinkPage");
const UsersPage = lazyRouteComponent(() => import("../features/users/UsersPage"), "UsersPage");

const kinds: readonly string[] = ["ticket", "chat", "call", "email"] satisfies Schemas["Kind"][];
const text = (value: unknown): string | undefined => (typeof value === "string" && value ? value : undefined);

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFoundPage,
});

const start = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: queueSearch,
  component: StartRoute,
});
const signin = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search: Record<string, unknown>): { refused?: string; with?: string } => ({
    ...(text(search.refused) ? { refused: text(search.refused) } : {}),
    ...(text(search.with) ? { with: text(search.with) } : {}),
  }),
  component: function SignIn() {
    const { refused, with: begin } = signin.useSearch();
    return <SignInRoute refused={refused} begin={begin} />;
  },
});

const conversation = createRoute({
  getParentRoute: () => root,
  path: "/i/$link/$kind/$id",
  validateSearch: (search: Record<string, unknown>): QueueSearch & { m?: string; r?: string; t?: string } => ({
    ...queueSearch(search),
    ...(text(search.m) ? { m: text(search.m) } : {}),
    ...(text(search.r) ? { r: text(search.r) } : {}),
    ...(text(search.t) ? { t: text(search.t) } : {}),
  }),
  beforeLoad: ({ params }) => {
    if (!kinds.includes(params.kind)) throw notFound();
  },
  component: ConversationRoute,
});

const links = createRoute({
  getParentRoute: () => root,
  path: "/links",
  validateSearch: (search: Record<string, unknown>): { problem?: string } =>
    text(search.problem) ? { problem: text(search.problem) } : {},
  component: function Links() {
    return <LinksPage problemCode={links.useSearch().problem} />;
  },
});

// Where an administrator comes back to from the provider: the same page with this link's test run.
const link = createRoute({
  getParentRoute: () => root,
  path: "/links/$link",
  validateSearch: (search: Record<string, unknown>): { problem?: string; why?: string } => ({
    ...(text(search.problem) ? { problem: text(search.problem) } : {}),
    ...(text(search.why) ? { why: text(search.why) } : {}),
  }),
  component: function OneLink() {
    const { problem, why } = link.useSearch();
    return <LinksPage returned={link.useParams().link} problemCode={problem} why={why} />;
  },
});

const newLink = createRoute({ getParentRoute: () => root, path: "/links/new", component: NewLinkPage });
const users = createRoute({ getParentRoute: () => root, path: "/users", component: UsersPage });

const access = createRoute({ getParentRoute: () => root, path: "/access", component: AccessPage });

const audit = createRoute({
  getParentRoute: () => root,
  path: "/audit",
  validateSearch: (search: Record<string, unknown>): { open?: string } =>
    text(search.open) ? { open: text(search.open) } : {},
  component: function Audit() {
    return <AuditPage open={audit.useSearch().open} />;
  },
});

const help = createRoute({
  getParentRoute: () => root,
  path: "/help",
  component: lazyRouteComponent(() => import("../features/help/HelpPage"), "HelpPage"),
});

const tree = root.addChildren([start, signin, conversation, links, newLink, link, users, access, audit, help]);

function Failed({ error, reset }: ErrorComponentProps) {
  return <BrokenPage problem={error instanceof Problem ? error : undefined} onRetry={reset} />;
}

export function newRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    defaultErrorComponent: Failed,
    // Search values stay text: ids have 64 bits, and the default reads "5012" as a number.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const pairs = Object.entries(search).flatMap(([k, v]) => (v === undefined ? [] : [[k, String(v)]]));
      const written = new URLSearchParams(pairs).toString();
      return written ? `?${written}` : "";
    },
    scrollRestoration: false,
  });
}

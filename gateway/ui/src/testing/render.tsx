import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { rememberSession, type Session } from "../api/useSession";
import { Providers } from "../app/Providers";
import { newQueryClient } from "../app/queries";

export const analyst: Session = {
  site: "main",
  site_name: "Acme Parcels",
  principal: "u1",
  kind: "user",
  roles: ["analyst"],
  rights: ["interaction.open", "media.read", "links.see", "audit.own"],
  login: "noor",
  name: "Noor Haddad",
};

/** Renders a component as the shell would: with a router in memory, queries and a session. */
export async function show(what: ReactNode, session: Session | null = analyst) {
  const queries = newQueryClient();
  rememberSession(queries, session);
  const root = createRootRoute();
  const here = createRoute({
    getParentRoute: () => root,
    path: "/",
    component: () => <div data-testid="here">{what}</div>,
  });
  const other = createRoute({
    getParentRoute: () => root,
    path: "$",
    component: () => <div data-testid="elsewhere" />,
  });
  const history = createMemoryHistory({ initialEntries: ["/"] });
  const router = createRouter({ routeTree: root.addChildren([here, other]), history });
  render(
    <Providers queries={queries} nonce="n">
      <RouterProvider router={router as never} />
    </Providers>,
  );
  await screen.findByTestId("here");
  return { router, history, queries };
}

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { callJSON } from "../api/client";
import type { Problem, Schemas } from "../api/problem";
import { useMay } from "../api/useSession";
import { type QueueSearch, queueSearch } from "../features/queue/filter";
import { QueuePane } from "../features/queue/QueuePane";
import type { Row } from "../features/queue/stream";

/** Too narrow for a queue beside a page: one of them is shown. As in the styles. */
export const narrowWindow = "(max-width: 820px)";

/** The links whose interactions this person may list. One that cannot be read now says so in its list. */
export function useListed(): readonly Schemas["Link"][] {
  const may = useMay("interaction.list");
  const links = useQuery<Schemas["Links"], Problem>({
    queryKey: ["links"],
    queryFn: ({ signal }) => callJSON("/api/v1/links", { signal }),
    enabled: may,
  });
  return may ? (links.data?.items ?? []).filter((link) => link.lists) : [];
}

/** What the address says of the queue, on the two pages that have one beside them. */
export function useQueueAddress(): { search: QueueSearch; path: string; shown: boolean } {
  const path = useRouterState({ select: (s) => s.location.pathname });
  const search = queueSearch(useRouterState({ select: (s) => s.location.search as Record<string, unknown> }));
  return { search, path, shown: Boolean(search.list) && (path === "/" || path.startsWith("/i/")) };
}

/** The queue beside the page. Its filter is in the address, so that a list can be sent to a colleague. */
export function QueueSide() {
  const navigate = useNavigate();
  const links = useListed();
  const { search, path, shown } = useQueueAddress();
  if (!shown || links.length === 0) return null;
  const [, , of, ...rest] = path.split("/").map(decodeURIComponent);
  const pathOf = ({ ref }: Row) => `/i/${[ref.link, ref.kind, ref.id].map(encodeURIComponent).join("/")}`;
  const go = (to: string, next: QueueSearch, reason?: "list" | "draw") =>
    void navigate({ to, search: next, state: reason ? { reason } : {}, resetScroll: false });
  return (
    <QueuePane
      links={links}
      search={search}
      open={path.startsWith("/i/") ? (of === search.list ? rest.join("/") : "") : undefined}
      hrefOf={(row) => `${pathOf(row)}?${new URLSearchParams(search as Record<string, string>)}`}
      onSearch={(next) => go(path, next)}
      onOpen={(row, reason) => go(pathOf(row), search, reason)}
      onClose={() => go(path, {})}
    />
  );
}

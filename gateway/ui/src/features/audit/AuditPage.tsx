import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { callJSON } from "../../api/client";
import type { Problem, Schemas } from "../../api/problem";
import { useMay } from "../../api/useSession";
import { Button } from "../../components/Button";
import { Page, Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { AuditTable } from "./AuditTable";

const pageSize = 100;

/** Who looked at what, when. Administrators read the site's rows, everybody else their own. */
export function AuditPage({ open }: { open?: string | undefined }) {
  const { t } = useTranslation("audit");
  const site = useMay("audit.site");
  const rows = useRows(open);
  const names = useNames();
  const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("title")} say={t(site ? "saySite" : "sayOwn")}>
      {open && (
        <p>
          {t("oneOpen")} <code>{open}</code> <Link to="/audit">{t("all")}</Link>
        </p>
      )}
      {rows.isPending && <Skeleton lines={6} label={t("loading")} />}
      {items.length > 0 && <AuditTable rows={items} names={names} />}
      {rows.isSuccess && items.length === 0 && <p>{t(open ? "noneOpen" : "none")}</p>}
      {rows.error && <ProblemNote problem={rows.error} onRetry={() => void rows.refetch()} />}
      {rows.hasNextPage && (
        <p>
          <Button onClick={() => void rows.fetchNextPage()} disabled={rows.isFetchingNextPage}>
            {t("older")}
          </Button>
        </p>
      )}
    </Page>
  );
}

function useRows(open: string | undefined) {
  return useInfiniteQuery<
    Schemas["AuditRows"],
    Problem,
    { pages: Schemas["AuditRows"][] },
    string[],
    number | undefined
  >({
    queryKey: ["audit", open ?? ""],
    initialPageParam: undefined,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: String(pageSize) });
      if (open) query.set("open", open);
      if (pageParam !== undefined) query.set("before", String(pageParam));
      return callJSON(`/api/v1/audit?${query}`, { signal });
    },
    getNextPageParam: (page) => page.next,
  });
}

/** Rows hold ids; who may see the users reads names. */
function useNames(): ReadonlyMap<string, string> {
  const users = useQuery<Schemas["Users"], Problem>({
    queryKey: ["users"],
    queryFn: ({ signal }) => callJSON("/api/v1/users", { signal }),
    enabled: useMay("users.manage"),
  });
  return new Map(users.data?.items.map((user) => [user.id, user.name || user.login]));
}

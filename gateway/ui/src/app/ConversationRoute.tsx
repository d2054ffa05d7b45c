import { getRouteApi, useLocation } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Skeleton } from "../components/Page";
import { useTitle } from "../components/useTitle";

const ConversationPage = lazy(async () => ({
  default: (await import("../features/conversation/ConversationPage")).ConversationPage,
}));
const route = getRouteApi("/i/$link/$kind/$id");

/** Opens what the address names. The title holds the ref and nothing else: the browser's history keeps it. */
export function ConversationRoute() {
  const { t } = useTranslation();
  const { link, kind, id } = route.useParams();
  const { m } = route.useSearch();
  const reason = useLocation().state.reason ?? "link";
  useTitle(`${link} ${kind} ${id}`);
  return (
    <Suspense fallback={<Skeleton lines={6} label={t("loading")} />}>
      <ConversationPage key={`${link}/${kind}/${id}`} link={link} kind={kind} id={id} message={m} reason={reason} />
    </Suspense>
  );
}

import { getRouteApi, useLocation, useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Skeleton } from "../components/Page";
import { useTitle } from "../components/useTitle";

const ConversationPage = lazy(async () => ({
  default: (await import("../features/conversation/ConversationPage")).ConversationPage,
}));
const PlayerProvider = lazy(async () => ({
  default: (await import("../features/player/PlayerProvider")).PlayerProvider,
}));
const Dock = lazy(async () => ({ default: (await import("../features/player/Dock")).Dock }));
const route = getRouteApi("/i/$link/$kind/$id");

/** Opens what the address names. The title holds the ref and nothing else: the browser's history keeps it. */
export function ConversationRoute() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { link, kind, id } = route.useParams();
  const { m, r, t: at } = route.useSearch();
  const reason = useLocation().state.reason ?? "link";
  useTitle(`${link} ${kind} ${id}`);
  return (
    <Suspense fallback={<Skeleton lines={6} label={t("loading")} />}>
      <PlayerProvider key={`${link}/${kind}/${id}`} start={startOf(r, at)}>
        <ConversationPage
          link={link}
          kind={kind}
          id={id}
          message={m}
          recording={r}
          reason={reason}
          onStart={() => void navigate({ to: "/" })}
          dock={<Dock link={link} kind={kind} id={id} />}
        />
      </PlayerProvider>
    </Suspense>
  );
}

/** `?r=171&t=93`: a recording and a second of it; without a recording it is the first. */
function startOf(recording: string | undefined, at: string | undefined) {
  const seconds = Number(at ?? 0);
  return { recording, seconds: Number.isFinite(seconds) && seconds > 0 ? seconds : 0 };
}

import { useMediaQuery } from "@mantine/hooks";
import { IconList, IconPlus } from "@tabler/icons-react";
import { Link, useMatchRoute } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Session } from "../api/useSession";
import { PasteBox } from "../features/open/PasteBox";
import { PersonMenu } from "./PersonMenu";
import { pagesFor } from "./pages";
import { narrowWindow, useListed, useQueueAddress } from "./QueueSide";
import styles from "./TopBar.module.css";

interface Props {
  session: Session | null;
  onKeys: () => void;
}

export function TopBar({ session, onKeys }: Props) {
  const { t } = useTranslation();
  const matchRoute = useMatchRoute();
  const atStart = matchRoute({ to: "/" }) !== false;
  const mayOpen = session?.rights.includes("interaction.open") ?? false;
  return (
    <header className={styles.bar}>
      <Link to="/" className={styles.home} aria-label={t("home", { site: session?.site_name ?? t("name") })}>
        <span className={styles.glass} aria-hidden="true" />
        <span className={styles.site}>{session?.site_name ?? t("name")}</span>
      </Link>
      {mayOpen && !atStart && (
        <>
          <div className={styles.paste}>
            <PasteBox place="bar" />
          </div>
          <Link to="/" className={styles.another} aria-label={t("another")} title={t("another")}>
            <IconPlus size={16} stroke={1.5} aria-hidden="true" />
          </Link>
        </>
      )}
      {session && <QueueLink />}
      <div className={styles.gap} />
      {session && (
        <nav className={styles.pages} aria-label={t("pages.label")}>
          {pagesFor(session).map((page) => (
            <Link key={page.to} to={page.to} className={styles.page} activeProps={{ className: styles.here }}>
              {t(page.title)}
            </Link>
          ))}
        </nav>
      )}
      <PersonMenu session={session} onKeys={onKeys} />
    </header>
  );
}

/** Leads to the queue: beside what is open where there is room, else to its page. */
function QueueLink() {
  const { t } = useTranslation();
  const [first] = useListed();
  const { search, path, shown } = useQueueAddress();
  const narrow = useMediaQuery(narrowWindow, undefined, { getInitialValueInEffect: false });
  if (!first || (shown && path === "/")) return null;
  const beside = path.startsWith("/i/") && !shown && !narrow;
  return (
    <Link
      to={beside ? path : "/"}
      search={shown ? search : { list: first.id }}
      className={styles.queue}
      data-shown={shown || undefined}
    >
      <IconList size={16} stroke={1.5} aria-hidden="true" />
      {t("queue")}
    </Link>
  );
}

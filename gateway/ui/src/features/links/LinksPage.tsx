import { Link as To } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/useSession";
import { Page, Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { LinkRow } from "./LinkRow";
import styles from "./Links.module.css";
import { useFailure, useLinks } from "./links";

interface Props {
  /** The link whose linking just ended at the provider: its test is run and shown. */
  returned?: string;
  /** The code of what went wrong there. */
  problemCode?: string | undefined;
  /** Its finer name. */
  why?: string | undefined;
}

export function LinksPage({ returned, problemCode, why }: Props) {
  const { t } = useTranslation("links");
  const manages = useMay("links.manage");
  const links = useLinks();
  const none = links.data?.items.length === 0;
  return (
    <Page
      title={t("title")}
      say={t("say")}
      actions={
        manages && (
          <To to="/links/new" className={styles.add}>
            {t("add")}
          </To>
        )
      }
    >
      {problemCode && !returned && <Returned code={problemCode} />}
      {links.isPending && <Skeleton lines={4} label={t("loading")} />}
      {links.error && <ProblemNote problem={links.error} onRetry={() => void links.refetch()} />}
      {none && <p>{t("none")}</p>}
      {links.data && !none && (
        <ul className={styles.list}>
          {links.data.items.map((link) => (
            <LinkRow
              key={link.id}
              link={link}
              manages={manages}
              returned={returned === link.id}
              notice={
                returned === link.id && problemCode ? (
                  <Returned code={problemCode} link={link.id} why={why} />
                ) : undefined
              }
            />
          ))}
        </ul>
      )}
    </Page>
  );
}

/**
 * The provider, or the person there, said no. Names come in the address: the gateway puts those it knows into
 * words, and until it has, or for others, the code's own words are shown.
 */
function Returned({ code, link, why }: { code: string; link?: string; why?: string | undefined }) {
  const { t, i18n } = useTranslation("links");
  const failure = useFailure(link, why);
  if (link && why && failure.isPending) return null;
  const known = i18n.exists(`returned.${code}`, { ns: "links" });
  return (
    <p role="alert" className={styles.returned}>
      {failure.data ? failure.data.say : t(known ? `returned.${code}` : "returned.other")}
    </p>
  );
}

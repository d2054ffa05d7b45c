import { Link as To } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "../../api/useSession";
import { Page, Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { LinkRow } from "./LinkRow";
import styles from "./Links.module.css";
import { useLinks } from "./links";

interface Props {
  /** The link whose linking just ended at the provider: its test is run and shown. */
  returned?: string;
  /** The code of what went wrong there. */
  problemCode?: string | undefined;
}

export function LinksPage({ returned, problemCode }: Props) {
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
              notice={returned === link.id && problemCode ? <Returned code={problemCode} /> : undefined}
            />
          ))}
        </ul>
      )}
    </Page>
  );
}

/** The provider, or the person there, said no. The code comes in the address; only codes we know are put into words. */
function Returned({ code }: { code: string }) {
  const { t, i18n } = useTranslation("links");
  const known = i18n.exists(`returned.${code}`, { ns: "links" });
  return (
    <p role="alert" className={styles.returned}>
      {t(known ? `returned.${code}` : "returned.other")}
    </p>
  );
}

import { type ReactNode, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/Button";
import { Dialog } from "../../components/Dialog";
import { ProblemNote } from "../../components/ProblemNote";
import { Time } from "../../components/Time";
import { EditLink } from "./EditLink";
import { LinkHealth } from "./LinkHealth";
import { LinkState } from "./LinkState";
import styles from "./Links.module.css";
import { LinkTestResult } from "./LinkTestResult";
import { type Link, useLinkActions } from "./links";

interface Props {
  link: Link;
  manages: boolean;
  /** Just back from the provider: test at once. */
  returned: boolean;
  notice?: ReactNode;
}

export function LinkRow({ link, manages, returned, notice }: Props) {
  const { t } = useTranslation("links");
  const { test, pause, unlink, authorize } = useLinkActions(link.id);
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);
  const title = link.title || link.provider_title;
  const runTest = test.mutate;
  const tested = useRef(false);
  useEffect(() => {
    if (!returned || notice || tested.current) return;
    tested.current = true;
    runTest();
  }, [returned, notice, runTest]);

  const connect = () =>
    authorize.mutate(undefined, {
      onSuccess: (url) => (url ? location.assign(url) : runTest()),
    });
  const busy = test.isPending || authorize.isPending || pause.isPending || unlink.isPending;
  const problem = authorize.error ?? pause.error ?? unlink.error ?? test.error;
  return (
    <li className={styles.row} aria-labelledby={`link-${link.id}`}>
      <div className={styles.what}>
        <h2 id={`link-${link.id}`}>{title}</h2>
        <p className={styles.about}>
          <code>{link.id}</code> {link.provider_title}
          {link.account && <> · {link.account}</>}
        </p>
        <LinkState link={link} />
        {link.last_ok_at && (
          <p className={styles.about}>
            {t("lastOk")} <Time at={link.last_ok_at} />
          </p>
        )}
        {link.provisioned && <p className={styles.about}>{t("provisioned")}</p>}
      </div>
      {manages && (
        <div className={styles.actions}>
          <Button onClick={() => runTest()} disabled={busy} aria-label={t("testOf", { title })}>
            {test.isPending ? t("testing") : t("test")}
          </Button>
          {link.credential_kind !== "bearer" && link.state !== "paused" && (
            <Button
              onClick={connect}
              disabled={busy}
              kind={link.state === "ok" ? "plain" : "primary"}
              aria-label={t(link.state === "new" ? "connectOf" : "reconnectOf", { title })}
            >
              {t(link.state === "new" ? "connect" : "reconnect")}
            </Button>
          )}
          {!link.provisioned && (
            <>
              <Button onClick={() => setEditing(true)} disabled={busy} aria-label={t("edit.of", { title })}>
                {t("edit.edit")}
              </Button>
              <Button
                onClick={() => pause.mutate(link.state !== "paused")}
                disabled={busy}
                aria-label={t(link.state === "paused" ? "resumeOf" : "pauseOf", { title })}
              >
                {t(link.state === "paused" ? "resume" : "pause")}
              </Button>
              <Button
                kind="danger"
                onClick={() => setAsking(true)}
                disabled={busy}
                aria-label={t("unlinkOf", { title })}
              >
                {t("unlink")}
              </Button>
            </>
          )}
        </div>
      )}
      {notice}
      {problem && (
        <div className={styles.result}>
          <ProblemNote problem={problem} onRetry={() => runTest()} retryLabel={t("test")} />
        </div>
      )}
      {test.data && !test.isPending && <LinkTestResult test={test.data} title={title} />}
      {manages && <LinkHealth link={link} />}
      {editing && <EditLink link={link} onClose={() => setEditing(false)} />}
      {asking && (
        <Unlink
          title={title}
          onClose={() => setAsking(false)}
          onUnlink={() => {
            setAsking(false);
            unlink.mutate();
          }}
        />
      )}
    </li>
  );
}

function Unlink({ title, onClose, onUnlink }: { title: string; onClose: () => void; onUnlink: () => void }) {
  const { t } = useTranslation("links");
  const { t: common } = useTranslation("common");
  return (
    <Dialog title={t("unlinkAsk", { title })} onClose={onClose}>
      <p>{t("unlinkSay")}</p>
      <div className={styles.answer}>
        <Button onClick={onClose} data-autofocus>
          {common("cancel")}
        </Button>
        <Button kind="danger" onClick={onUnlink}>
          {t("unlinkYes")}
        </Button>
      </div>
    </Dialog>
  );
}

import { useTranslation } from "react-i18next";
import { Page, Skeleton } from "../../components/Page";
import { ProblemNote } from "../../components/ProblemNote";
import { ApiKeys } from "./ApiKeys";
import { useSite } from "./access";
import { FromWhere } from "./FromWhere";
import { OnlySSO } from "./OnlySSO";

/** From where and how people and programs come in. */
export function AccessPage() {
  const { t } = useTranslation("access");
  const site = useSite();
  return (
    <Page title={t("title")} say={t("say")}>
      {site.isPending && <Skeleton lines={4} label={t("loading")} />}
      {site.error && <ProblemNote problem={site.error} onRetry={() => void site.refetch()} />}
      {site.data && (
        <>
          <FromWhere site={site.data} />
          <OnlySSO site={site.data} />
          <ApiKeys />
        </>
      )}
    </Page>
  );
}

import { useTranslation } from "react-i18next";
import { Page } from "../../components/Page";
import { Keys } from "./Keys";

/** The sheet as a page of its own, for whoever wants to link to it. */
export function HelpPage() {
  const { t } = useTranslation("help");
  return (
    <Page title={t("title")} say={t("say")}>
      <Keys heading="h2" />
    </Page>
  );
}

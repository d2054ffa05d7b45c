import { useTranslation } from "react-i18next";
import { Dialog } from "../../components/Dialog";
import { Keys } from "./Keys";

/** The `?` sheet: the keys that work on the page below. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("help");
  return (
    <Dialog title={t("title")} onClose={onClose} wide>
      <Keys heading="h3" />
    </Dialog>
  );
}

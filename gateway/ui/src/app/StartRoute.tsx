import { useMediaQuery } from "@mantine/hooks";
import { useTranslation } from "react-i18next";
import { useMay, useSession } from "../api/useSession";
import { Samples } from "../features/demo/Samples";
import { useDemo } from "../features/demo/useDemo";
import { StartPage } from "../features/open/StartPage";
import { narrowWindow, useQueueAddress } from "./QueueSide";

export function StartRoute() {
  const { t } = useTranslation();
  const narrow = useMediaQuery(narrowWindow, undefined, { getInitialValueInEffect: false });
  const isDemo = useSession().data?.demo ?? false;
  const mayOpen = useMay("interaction.open");
  const demo = useDemo(isDemo);
  const samples = mayOpen ? demo.data?.samples : undefined;
  const { shown } = useQueueAddress();
  if (shown && narrow) return <h1 className="visually-hidden">{t("queue")}</h1>; // the queue is the page
  return <StartPage samples={samples && samples.length > 0 ? <Samples samples={samples} /> : undefined} />;
}

import { useMay, useSession } from "../api/useSession";
import { Samples } from "../features/demo/Samples";
import { useDemo } from "../features/demo/useDemo";
import { StartPage } from "../features/open/StartPage";

export function StartRoute() {
  const isDemo = useSession().data?.demo ?? false;
  const mayOpen = useMay("interaction.open");
  const demo = useDemo(isDemo);
  const samples = mayOpen ? demo.data?.samples : undefined;
  return <StartPage samples={samples && samples.length > 0 ? <Samples samples={samples} /> : undefined} />;
}

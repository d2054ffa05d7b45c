import { useNavigate } from "@tanstack/react-router";
import { MendList } from "../features/demo/MendList";
import { useDemo } from "../features/demo/useDemo";
import { SignInPage } from "../features/signin/SignInPage";

export function SignInRoute({ refused, begin }: { refused?: string | undefined; begin?: string | undefined }) {
  const navigate = useNavigate();
  const demo = useDemo();
  const done = () => void navigate({ to: "/", replace: true });
  return (
    <SignInPage onDone={done} refused={refused} begin={begin}>
      {demo.data && <MendList demo={demo.data} onMended={() => undefined} />}
    </SignInPage>
  );
}

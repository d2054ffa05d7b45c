// The one thing every request shares: whether somebody is signed in. The client asks for a
// sign-in here, the shell's overlay answers, and requests that were refused go on by themselves.

type Listener = () => void;

const needed = new Set<Listener>();
const returned = new Set<Listener>();

/** Calls back when a request was refused because nobody is signed in (any more). */
export function onSignInNeeded(listener: Listener): () => void {
  needed.add(listener);
  return () => void needed.delete(listener);
}

/** Calls back when the same person has signed in again over the page. */
export function onSignedInAgain(listener: Listener): () => void {
  returned.add(listener);
  return () => void returned.delete(listener);
}

/** Announces a completed sign-in: what waited for it is sent once more. */
export function signedInAgain(): void {
  for (const listener of [...returned]) listener();
}

/** Opens the sign-in over the page and resolves when somebody has signed in. */
export function waitForSignIn(signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = onSignedInAgain(() => {
      done();
      resolve();
    });
    const aborted = () => {
      done();
      reject(signal?.reason);
    };
    const done = () => {
      stop();
      signal?.removeEventListener("abort", aborted);
    };
    if (signal?.aborted) return aborted();
    signal?.addEventListener("abort", aborted);
    for (const listener of [...needed]) listener();
  });
}

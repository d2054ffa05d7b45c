/** Signing in. Namespace "signin". */
export const en = {
  title: "Sign in",
  say: "With the login and password your administrator gave you, or with a one-time link.",
  again: "Sign in again",
  againSay: "Your sign-in has ended. The page stays as it is and goes on when you are back.",
  login: "Login",
  password: "Password",
  signIn: "Sign in",
  using: "Using the one-time link",
};

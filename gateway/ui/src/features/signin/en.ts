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
  with: "Sign in with {{title}}",
  withAt: "Sign in with {{title}} to {{site}}",
  byPassword: "Sign in with a password",
  byPasswordSay: "For the administrator who is named for emergencies. Everybody else uses the button above.",
  // Why a sign-in through the company's provider did not work: one for each reason of the gateway's.
  refused: {
    browser: "This sign-in was begun in another browser or window. Press the button again, here.",
    late: "The sign-in took longer than ten minutes. Press the button again.",
    used: "This answer was used already. Press the button for a new sign-in.",
    denied:
      "The provider did not let you through: you, or a rule of your company there, said no. Press the button and allow it, or ask whoever runs the provider.",
    client:
      "The provider does not know Sightglass by this client id and secret. Ask your administrator to compare both with the provider's screen.",
    request:
      "The provider does not take the request. Ask your administrator to allow the redirect URI and the scopes openid, email and profile there.",
    issuer: "The answer came from another server than was asked. Do not go on; tell your administrator.",
    code: "The provider no longer knows this sign-in. Press the button again.",
    down: "The provider does not answer. Wait a moment, then press the button again.",
    nonsense: "What the provider sent cannot be checked. Press the button again; if it stays, tell your administrator.",
    clock:
      "The provider's clock and ours differ by more than two minutes. Ask your administrator to set the server's clock.",
    company: "This account does not belong to your company at the provider. Sign in there with your work account.",
    nameless:
      "The provider does not tell who you are. Ask your administrator to let it send the e-mail address or user name.",
    unverified: "The provider has not verified your e-mail address. Confirm it there, then press the button again.",
    unknown: "There is nobody by your name here yet. Ask your administrator to add you as a user.",
    other: "Your login here belongs to another account at the provider. Ask your administrator to release it.",
    inactive: "Your user here is deactivated. Ask your administrator to activate it.",
    ended: "Your access here has ended. Ask your administrator for a later end date.",
    address:
      "You may not sign in from this address. Connect from your company's network, or ask your administrator to allow it.",
    audit: "The record of who came in cannot be written, so nobody can. Try again in a moment.",
    fault: "Something went wrong here, not at the provider. Try again; if it stays, tell your administrator.",
  },
};

// A real OpenID provider (oidc-provider) on a free port of the loopback, for the tests of signing in.
// Prints one line of JSON when it is ready: {"issuer"}. PUT /control sets who signs in there next and
// how: {"account": {…claims}, "deny": true, "page": true}; without "page" none is shown.
//   node server.mjs REDIRECT_URI CLIENT_ID CLIENT_SECRET
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [redirectURI, clientID, clientSecret] = process.argv.slice(2);
let next = { account: { sub: "nobody" }, deny: false, page: false };
const accounts = new Map();

const server = createServer((request, response) => handle(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  handle = answers(issuer);
  console.log(JSON.stringify({ issuer }));
});
let handle;
// The test's end closes standard input: nothing is left listening, however it ended.
process.stdin.resume().on("end", () => process.exit(0));

function answers(issuer) {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientID,
        client_secret: clientSecret,
        redirect_uris: [redirectURI],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    pkce: { required: () => true },
    scopes: ["openid", "email", "profile"],
    claims: {
      openid: ["sub", "hd", "tid", "oid"],
      email: ["email", "email_verified"],
      profile: ["name", "preferred_username"],
    },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ["for the tests"] },
    ttl: { AccessToken: 60, AuthorizationCode: 60, IdToken: 60, Interaction: 60, Session: 60, Grant: 60 },
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => accounts.get(id) }),
  });
  const callback = provider.callback();
  return async (request, response) => {
    if (request.url === "/control") return control(request, response);
    if (!request.url.startsWith("/interaction/")) return callback(request, response);
    if (next.page && request.method === "GET") return page(response);
    return decide(provider, request, response);
  };
}

async function control(request, response) {
  let body = "";
  for await (const piece of request) body += piece;
  next = { deny: false, page: false, ...JSON.parse(body) };
  accounts.set(next.account.sub, next.account);
  response.writeHead(204).end();
}

function page(response) {
  response.setHeader("Content-Type", "text/html; charset=utf-8");
  response.end(`<!doctype html><html lang="en"><title>Provider</title><h1>Acme's provider</h1>
    <form method="post"><button>Sign in as ${next.account.sub}</button></form>`);
}

async function decide(provider, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (next.deny) {
    return provider.interactionFinished(request, response, { error: "access_denied" });
  }
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: next.account.sub, remember: false } });
  }
  const grant =
    (await provider.Grant.find(grantId ?? "")) ??
    new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  grant.addOIDCScope("openid email profile");
  return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: true });
}

// Who is signed in: a bearer token, kept until this tab is closed. The service decides what it allows.

const PLACE = "session";

export function readSession() {
  try {
    const found = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
    return found && !isOver(found) ? found : null;
  } catch {
    return null;
  }
}

export function keepSession(session) {
  try {
    if (session) sessionStorage.setItem(PLACE, JSON.stringify(session));
    else sessionStorage.removeItem(PLACE);
  } catch {
    // Storage can be switched off; then a person is signed in until the page is loaded again.
  }
}

// { token, user, role, until }: what the token says of itself, for the screen only.
export function sessionOf(token) {
  const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part(token)), (char) => char.charCodeAt(0))));
  return { token, user: String(claims.sub ?? ""), role: String(claims.role ?? ""), until: claims.exp ?? null };
}

export function isOver(session, now = Date.now()) {
  return Boolean(session?.until) && session.until * 1000 <= now;
}

function part(token) {
  const body = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return body.padEnd(Math.ceil(body.length / 4) * 4, "=");
}

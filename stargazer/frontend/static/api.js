// Calls the API in the name of the subscriber whose link was opened.
//
// The link's token stands behind the `#`, which no browser sends anywhere. It is taken out of the
// address at once, and kept for this tab alone.

const KEPT = "stargazer.token";
const BASE = document.querySelector('meta[name="stargazer-api"]').content;
const PATIENCE = 15000;

export class ApiError extends Error {
  constructor(code, status, messages = []) {
    super(messages.join(" ") || code);
    this.code = code;
    this.status = status;
  }

  get isRefused() {
    return this.status === 400;
  }

  get isOver() {
    return this.status === 401 || this.status === 403;
  }
}

// Gives whether there was one.
export function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1));
  const token = given.get("token") ?? (/^#[\w-]{20,}$/.test(location.hash) ? location.hash.slice(1) : "");
  if (token) {
    sessionStorage.setItem(KEPT, token);
    history.replaceState(null, "", location.pathname);
  }
  return token !== "";
}

export function getToken() {
  return sessionStorage.getItem(KEPT) ?? "";
}

export function forgetToken() {
  sessionStorage.removeItem(KEPT);
}

// In the name of the session.
export function call(method, params = {}) {
  return callWith(getToken(), method, params);
}

// Throws an ApiError, also when nobody answers for so many milliseconds.
export async function callWith(token, method, params = {}, patience = PATIENCE) {
  let answer;
  try {
    answer = await fetch(`${BASE}/v1/${method}`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(params),
      credentials: "omit",
      signal: AbortSignal.timeout(patience),
    });
  } catch (cause) {
    throw new ApiError("unreachable", 0, [String(cause)]);
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok || !body?.success) {
    const [, ...messages] = body?.data?.error ?? [];
    throw new ApiError(body?.data?.code ?? "unreadable", answer.status, messages);
  }
  return body.data;
}

/** Asks a running gateway. `where` is its address or its port on this machine. Throws one sentence when it cannot. */
export const askGateway = <T>(where: string, path: string): Promise<T> => call<T>(where, path, {});

/** Tells a running gateway something that it answers after the commit. */
export const tellGateway = <T>(where: string, path: string, body: object): Promise<T> =>
  call<T>(where, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function call<T>(where: string, path: string, request: RequestInit): Promise<T> {
  const base = /^\d+$/.test(where) ? `http://127.0.0.1:${where}` : where.replace(/\/+$/, '');
  const url = URL.parse(`${base}/api/v1${path}`);
  if (!url) throw new Error(`--http ${where}: give an address such as http://127.0.0.1:8080, or a port`);
  let response: Response;
  try {
    response = await fetch(url, request);
  } catch {
    throw new Error(`no gateway answers at ${base}; start it with "aisle run", or correct --http`);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  const { error } = (answer ?? {}) as { error?: { message?: string } };
  throw new Error(`${url.href} answered ${response.status}: ${error?.message ?? 'no reason'}`);
}

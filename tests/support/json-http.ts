/** Throws with the status and the body when the answer is not a success. */
export async function getJson<T>(url: string): Promise<T> {
  return await answerOf<T>(url, await fetch(url));
}

export async function postJson<T>(url: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  return await answerOf<T>(url, await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) }));
}

async function answerOf<T>(url: string, response: Response): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text) as T;
}

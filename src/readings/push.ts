/** What a device posted over HTTP, with nothing of the server that received it. */
export interface PushRequest {
  /** Path of the request, without its query. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/**
 * 204: what the message holds is stored, or was before. Other answers carry one sentence for the device's maker;
 * 503 asks for the same message again.
 */
export type PushAnswer =
  | { readonly status: 204 }
  | { readonly status: 400 | 401 | 404 | 413 | 503; readonly message: string };

/** The way in for devices that post by themselves. */
export interface PushDoor {
  /** Paths on which devices post; `{device}` stands for any one segment. */
  readonly paths: readonly string[];
  /** Answers after the commit, and never rejects. */
  take(request: PushRequest): Promise<PushAnswer>;
}

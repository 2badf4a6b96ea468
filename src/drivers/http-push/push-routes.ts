import type { DeviceProfile } from '../../config/profile-schema.ts';
import type { Site } from '../../config/site.ts';
import type { PushRequest } from '../../readings/push.ts';
import { compileKind, type MessageKind } from '../decoders/device-message.ts';
import { parseJson } from '../decoders/json-object.ts';
import { compilePath } from '../decoders/message-time.ts';
import { topicMatcher } from '../mqtt/topic-template.ts';

/** Where every device may post, whatever paths its maker likes. */
export const OWN_PATH = '/ingest/v1/{device}';

/** A device of the site as its posts need it. */
export interface PushDevice {
  readonly id: string;
  /** Its name in paths and messages. */
  readonly name: string;
  readonly maxBytes: number;
  readonly kinds: readonly MessageKind[];
  /** File that holds its token, relative to the site's folder; null when it has none. */
  readonly tokenFile: string | null;
}

export interface PushRoutes {
  readonly devices: ReadonlyMap<string, PushDevice>;
  readonly paths: readonly string[];
  find(request: PushRequest): PushDevice | null;
}

type HttpProfile = NonNullable<DeviceProfile['http']>;

/** The devices that share one path. */
interface Post {
  readonly match: (path: string) => string | null;
  readonly byName: Map<string, PushDevice>;
  /** How messages of this path name their device, one rule for each model. */
  readonly ids: Set<(request: PushRequest) => string | null>;
}

export function createPushRoutes(site: Site): PushRoutes {
  const devices = new Map<string, PushDevice>();
  // Open even without a device, so that one that begins to post is noticed.
  const posts = new Map([[OWN_PATH, newPost(OWN_PATH)]]);
  const compiled = new Map<
    DeviceProfile,
    { kinds: readonly MessageKind[]; nameIn: ReturnType<typeof naming> }
  >();
  for (const { id, profile, address } of site.devices.values()) {
    const { http } = profile;
    if (address.protocol !== 'http' || !http) continue;
    const model = compiled.get(profile) ?? {
      kinds: [compileKind(http, profile, site.store.timeZone)],
      nameIn: naming(http),
    };
    compiled.set(profile, model);
    const { name, tokenFile = null } = address;
    const device = { id, name, maxBytes: http.maxBytes, kinds: model.kinds, tokenFile };
    devices.set(id, device);
    for (const template of new Set([OWN_PATH, http.path ?? OWN_PATH])) {
      const post = posts.get(template) ?? {
        match: topicMatcher(template),
        byName: new Map(),
        ids: new Set(),
      };
      posts.set(template, post);
      post.byName.set(name, device);
      if (template === http.path) post.ids.add(model.nameIn);
    }
  }
  return {
    devices,
    paths: [...posts.keys()],
    find(request) {
      for (const post of posts.values()) {
        const name = post.match(request.path);
        if (name === null) continue;
        const found = name === '' ? named(post, request) : post.byName.get(name);
        if (found) return found;
      }
      return null;
    },
  };
}

const newPost = (template: string): Post => ({
  match: topicMatcher(template),
  byName: new Map(),
  ids: new Set(),
});

/** The path is the same for all devices of a model: the message names them, or there is only one. */
function named({ byName, ids }: Post, request: PushRequest): PushDevice | undefined {
  for (const idOf of ids) {
    const name = idOf(request);
    const found = name === null ? undefined : byName.get(name);
    if (found) return found;
    if (name !== null) return undefined;
  }
  return byName.size === 1 ? byName.values().next().value : undefined;
}

function naming({ id }: HttpProfile): (request: PushRequest) => string | null {
  const textOf = (value: unknown) =>
    typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  if (id?.header !== undefined) {
    const header = id.header.toLowerCase();
    return ({ headers }) => textOf(headers[header]);
  }
  if (id?.query !== undefined) {
    const parameter = id.query;
    return ({ query }) => textOf(query[parameter]);
  }
  if (id?.path === undefined) return () => null;
  const find = compilePath(id.path);
  return ({ body }) => {
    const json = parseJson(body);
    return json.ok ? textOf(find(json.value, json.value)) : null;
  };
}

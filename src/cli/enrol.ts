import { readFileSync } from 'node:fs';
import { enrol, identityFolder } from '../cloud/identity.ts';
import type { Environment } from './environment.ts';
import { loadSiteOrExplain } from './load-site-or-explain.ts';
import { dataFolderOf } from './run.ts';

interface EnrolCommand {
  readonly data: string | null;
  readonly cloud: string;
  readonly token: string;
  /** PEM file of the hub's authority. */
  readonly authority: string | null;
}

/** Gets the certificate of a site's gateway. Rejects with one sentence. */
export async function enrolStore(
  siteFolder: string,
  { data, cloud, token, authority }: EnrolCommand,
  { clock, print }: Pick<Environment, 'clock' | 'print'>,
): Promise<void> {
  const site = loadSiteOrExplain(siteFolder);
  const folder = identityFolder(dataFolderOf(siteFolder, data));
  const authorityPem = authority === null ? null : readFileSync(authority, 'utf8');
  const request = { address: cloud, storeGln: site.store.gln, token, authorityPem };
  const expiresMs = await enrol(folder, request, clock);
  const until = new Date(expiresMs).toISOString().slice(0, 10);
  print(
    `Store ${site.store.gln} is enrolled; its certificate in ${folder} is good until ${until} and renewed by itself.`,
  );
}

import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import type { DescService } from '@bufbuild/protobuf';

const isService = (value: unknown): value is DescService =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'service';

/** Every service of the contract, found in the generated code, so that a new one cannot be left out of a table. */
export async function servicesOfContract(): Promise<readonly DescService[]> {
  const files = globSync('src/cloud/gen/aisle/**/*_pb.ts').toSorted();
  const modules = await Promise.all(files.map(file => import(resolve(file)) as Promise<object>));
  return modules.flatMap(module => Object.values(module).filter(isService));
}

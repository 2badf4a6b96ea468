import { status } from '@grpc/grpc-js';
import { rpcError } from './rpc-error.ts';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;

/** Rows of one page: what was asked for, within what the contract allows. */
export function pageSize(asked: number, usual = DEFAULT_PAGE, most = MAX_PAGE): number {
  if (asked >= 0 && asked <= most) return asked || usual;
  throw rpcError(status.INVALID_ARGUMENT, `page_size is ${asked}; write 1 to ${most}`);
}

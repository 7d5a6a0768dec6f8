// The change feed: each commit tells what it changed, by kind and id. Caches and events subscribe by Database.subscribe().

/**
 * What can change. A line adds a kind; `test/storage/change-feed.test.ts` compares which write announces which.
 *
 * - `job`: what readers of a job see, of the job itself or of anything below it. Includes jobs that appear or go.
 * - `deleted-job`: a job has gone for good.
 */
export const changeKinds = [
  'job',
  'deleted-job',
  'user',
  'token',
  'session',
  'audit',
  'environment',
  'distro',
  'component',
  'component-kind',
  'arch',
] as const

export type ChangeKind = (typeof changeKinds)[number]

/** `any`: all of that kind may have changed. */
export interface Change {
  readonly kind: ChangeKind
  readonly id: number | 'any'
}

/** What a commit changed. `unknown`: anything may have changed, as with commits of other processes. */
export type Changes = readonly Change[] | 'unknown'

/** One commit names up to this many ids of a kind. Beyond, its change is `any`. */
export const MAX_IDS = 1000

/** Gathers the changes of one commit, each once. */
export class ChangeSet {
  private readonly idsByKind = new Map<ChangeKind, Set<number> | 'any'>()

  addAll(changes: Iterable<Change>): void {
    for (const { kind, id } of changes) this.add(kind, id)
  }

  toList(): Change[] {
    const changes: Change[] = []
    for (const [kind, ids] of this.idsByKind) {
      if (ids === 'any') changes.push({ kind, id: ids })
      else for (const id of ids) changes.push({ kind, id })
    }
    return changes
  }

  private add(kind: ChangeKind, id: number | 'any'): void {
    const ids = this.idsByKind.get(kind) ?? new Set()
    if (ids === 'any') return
    if (id !== 'any') ids.add(id)
    this.idsByKind.set(kind, id === 'any' || ids.size > MAX_IDS ? 'any' : ids)
  }
}

/** The ids of one kind. @returns `unknown` where all of that kind may have changed. */
export function changedIds(changes: Changes, kind: ChangeKind): number[] | 'unknown' {
  if (changes === 'unknown') return 'unknown'
  const ids: number[] = []
  for (const change of changes) {
    if (change.kind !== kind) continue
    if (change.id === 'any') return 'unknown'
    ids.push(change.id)
  }
  return ids
}

/** Changes as they travel between threads: each kind is named once. */
export type PackedChanges = Partial<Record<ChangeKind, (number | 'any')[]>> | 'unknown'

export function packChanges(changes: Changes): PackedChanges {
  if (changes === 'unknown') return changes
  const packed: Partial<Record<ChangeKind, (number | 'any')[]>> = {}
  for (const { kind, id } of changes) {
    packed[kind] ??= []
    packed[kind].push(id)
  }
  return packed
}

export function unpackChanges(packed: PackedChanges): Changes {
  if (packed === 'unknown') return packed
  const changes: Change[] = []
  for (const kind in packed) {
    for (const id of packed[kind as ChangeKind] ?? []) changes.push({ kind: kind as ChangeKind, id })
  }
  return changes
}

// The change feed: each commit lists its changes by kind and id. Caches and events subscribe with Database.subscribe().

/**
 * The kinds of changes. To add a kind, add a line. `test/storage/change-feed.test.ts` lists the kinds that each write
 * announces.
 *
 * - `job`: a job, or anything below it, was added, changed or deleted.
 * - `deleted-job`: a job was deleted.
 * - `known-issue`, `comment`, `claim`: what people say about failures was added, changed or deleted.
 * - `analysis`: what is derived from runs in the background. No other answers change.
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
  'known-issue',
  'comment',
  'claim',
  'analysis',
] as const

export type ChangeKind = (typeof changeKinds)[number]

/** `id: 'any'`: everything of the kind may have changed. */
export interface Change {
  readonly kind: ChangeKind
  readonly id: number | 'any'
}

/** The changes of a commit. `unknown`: anything may have changed, as with a commit of another process. */
export type Changes = readonly Change[] | 'unknown'

/** A commit lists up to this many ids of a kind. For more, its change is `any`. */
export const MAX_IDS = 1000

/** Collects the changes of one commit without repetitions. */
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

/** The changed ids of one kind. @returns `unknown` when everything of the kind may have changed. */
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

/** The form in which threads send changes: it names each kind once. */
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

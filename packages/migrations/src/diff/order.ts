import type { Step } from './step.ts'

/**
 * The steps in an order in which each stands after those that it has to come after. Of those that may come next the one with the lowest rank
 * does, and of these the first by key. A circle is cut where it costs the least by rank.
 */
export function inOrder(steps: readonly Step[]): Step[] {
  const waiting = [...steps].sort(byRank)
  const open = new Map(waiting.map((step) => [step, step.after.size]))
  const followers = new Map<Step, Step[]>()
  for (const step of waiting) {
    for (const earlier of step.after) {
      const found = followers.get(earlier)
      if (found) found.push(step)
      else followers.set(earlier, [step])
    }
  }
  const done = new Set<Step>()
  const ready = waiting.filter((step) => open.get(step) === 0)
  while (done.size < waiting.length) {
    const next = ready.shift() ?? waiting.find((step) => !done.has(step))
    if (!next) break
    done.add(next)
    for (const follower of followers.get(next) ?? []) {
      const left = (open.get(follower) ?? 0) - 1
      open.set(follower, left)
      if (left === 0 && !done.has(follower)) insert(ready, follower)
    }
  }
  return [...done]
}

function insert(sorted: Step[], step: Step): void {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (byRank(sorted[middle] as Step, step) < 0) low = middle + 1
    else high = middle
  }
  sorted.splice(low, 0, step)
}

function byRank(a: Step, b: Step): number {
  return a.rank - b.rank || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
}

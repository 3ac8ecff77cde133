import { quoteName } from '../catalogue/quote.ts'
import type { Entity } from './entity.ts'

/**
 * The statements that let others do again what they could do with a view or routine before it was dropped.
 *
 * @param subject what GRANT calls the object
 */
export function grantAgain(entity: Entity | undefined, subject: string): string[] {
  if (entity?.part !== 'view' && entity?.part !== 'routine') return []
  const { grants } = entity.value
  if (!grants) return []
  // Everybody may call a new routine.
  const everybody = entity.part === 'routine' ? [`revoke all on ${subject} from public`] : []
  return [
    ...everybody,
    ...grants.map(({ grantee, privilege, grantable }) => {
      const role = grantee === 'public' ? grantee : quoteName(grantee)
      return `grant ${privilege} on ${subject} to ${role}${grantable ? ' with grant option' : ''}`
    }),
  ]
}

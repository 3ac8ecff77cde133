export { type JobsSchemaStep, jobsSchema } from './jobs-schema.ts'

import * as c from '../src/columns.ts'
import { loaders } from '../src/load/index.ts'
import { belongsTo, defineModel, hasMany, hasOne, manyToMany } from '../src/models.ts'
import { setupModels } from './model-world.ts'

const users = defineModel(
  'users',
  {
    id: c.integer().primaryKey(),
    name: c.text(),
    secret: c.text().hidden().nullable(),
    balance: c.bigint(),
    parentId: c.integer().nullable(),
  },
  {
    relations: {
      posts: hasMany('posts', 'authorId'),
      profile: hasOne('profiles', 'userId'),
      parent: belongsTo('users', 'parentId'),
      children: hasMany('users', 'parentId'),
      roles: manyToMany('roles', { through: 'userRoles', from: 'userId', to: 'roleId' }),
      followers: manyToMany('users', { through: 'follows', from: 'followedId', to: 'followerId' }),
      following: manyToMany('users', { through: 'follows', from: 'followerId', to: 'followedId' }),
    },
  },
)

const profiles = defineModel('profiles', {
  id: c.integer().primaryKey(),
  userId: c.integer(),
  bio: c.text().nullable(),
})

const posts = defineModel(
  'posts',
  {
    id: c.integer().primaryKey(),
    authorId: c.integer(),
    title: c.text(),
    createdAt: c.timestamptz(),
    publishedAt: c.timestamptz().nullable(),
    price: c.numeric(12, 3).nullable(),
    views: c.bigint(),
    tags: c.jsonb<unknown>().nullable(),
  },
  {
    relations: {
      author: belongsTo('users', 'authorId'),
      comments: hasMany('comments', 'postId'),
    },
  },
)

const comments = defineModel(
  'comments',
  {
    id: c.integer().primaryKey(),
    postId: c.integer(),
    authorId: c.integer().nullable(),
    body: c.text(),
  },
  { relations: { post: belongsTo('posts', 'postId'), author: belongsTo('users', 'authorId') } },
)

const roles = defineModel(
  'roles',
  { id: c.integer().primaryKey(), name: c.text() },
  {
    relations: {
      users: manyToMany('users', { through: 'userRoles', from: 'roleId', to: 'userId' }),
    },
  },
)

const userRoles = defineModel('userRoles', {
  userId: c.integer().primaryKey(),
  roleId: c.integer().primaryKey(),
  assignedAt: c.timestamptz(),
})

const follows = defineModel('follows', {
  followerId: c.integer().primaryKey(),
  followedId: c.integer().primaryKey(),
})

const seats = defineModel(
  'seats',
  { hall: c.text().primaryKey(), number: c.bigint().primaryKey(), label: c.text() },
  { relations: { bookings: hasMany('bookings', ['seatHall', 'seatNumber']) } },
)

const bookings = defineModel(
  'bookings',
  {
    id: c.integer().primaryKey(),
    seatHall: c.text().nullable(),
    seatNumber: c.bigint().nullable(),
  },
  { relations: { seat: belongsTo('seats', ['seatHall', 'seatNumber']) } },
)

/** A blog, and a theatre for its composite keys. */
export const models = {
  users,
  profiles,
  posts,
  comments,
  roles,
  userRoles,
  follows,
  seats,
  bookings,
}

const ddl = `
  create table users (id integer primary key, name text not null, secret text, balance bigint not null, parent_id integer);
  create table profiles (id integer primary key, user_id integer not null, bio text);
  create table posts (id integer primary key, author_id integer not null, title text not null, created_at timestamptz not null,
    published_at timestamptz, price numeric(12, 3), views bigint not null, tags jsonb);
  create table comments (id integer primary key, post_id integer not null, author_id integer, body text not null);
  create table roles (id integer primary key, name text not null);
  create table user_roles (user_id integer, role_id integer, assigned_at timestamptz not null, primary key (user_id, role_id));
  create table follows (follower_id integer, followed_id integer, primary key (follower_id, followed_id));
  create table seats (hall text, number bigint, label text not null, primary key (hall, number));
  create table bookings (id integer primary key, seat_hall text, seat_number bigint);
  insert into users values (1, 'ada', 's', 9007199254740993, null), (2, 'bob', null, 2, 1), (3, 'cy', null, 3, 1), (4, 'di', null, 4, null);
  insert into profiles values (1, 1, 'first'), (2, 1, 'second'), (3, 2, null);
  insert into posts select n, 1 + n % 3, 'post ' || n, timestamptz '2026-01-01' + n * interval '1 hour',
    case when n % 2 = 0 then timestamptz '2026-02-01' end, n + 0.5, 9007199254740993 + n, jsonb_build_array(n, null) from generate_series(1, 12) n;
  insert into comments select n, 1 + n % 12, nullif(n % 4, 0), 'comment ' || n from generate_series(1, 30) n;
  insert into roles values (1, 'admin'), (2, 'editor'), (3, 'nobody');
  insert into user_roles values (1, 1, '2026-01-01'), (1, 2, '2026-01-02'), (2, 2, '2026-01-03');
  insert into follows values (2, 1), (3, 1), (1, 2);
  insert into seats values ('a', 1, 'first'), ('a', 9007199254740993, 'far'), ('b', 1, 'other');
  insert into bookings values (1, 'a', 1), (2, 'a', 9007199254740993), (3, 'a', null), (4, null, null), (5, 'a', 1), (6, 'c', 9);
`

export const {
  load,
  loadInto,
  loadJson,
  explainLoad,
  some,
  every,
  none,
  countOf,
  existsOf,
  sumOf,
  minOf,
  maxOf,
} = loaders(models)

export const setup = () => setupModels(models, ddl)

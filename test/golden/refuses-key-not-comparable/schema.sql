create table documents (id int primary key, body json);

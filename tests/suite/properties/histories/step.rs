//! Steps of a history, before it is known who or what they meet.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;

/// What happens next. `by` is the connection; `which` and members count through everything that
/// was ever made, what is gone included.
#[derive(Clone, Debug)]
pub enum Step {
    CreateUser { by: usize, user: User },
    ReplaceUser { by: usize, which: usize, user: User },
    PatchUser { by: usize, which: usize, edit: UserEdit },
    DeleteUser { by: usize, which: usize },
    CreateGroup { by: usize, name: usize, members: Vec<usize> },
    ReplaceGroup { by: usize, which: usize, name: usize, members: Option<Vec<usize>> },
    PatchGroup { by: usize, which: usize, edit: GroupEdit },
    DeleteGroup { by: usize, which: usize },
}

/// A user as a client writes it.
#[derive(Clone, Debug)]
pub struct User {
    pub name: usize,
    pub external: Option<usize>,
    pub active: Option<bool>,
    pub title: Option<usize>,
    pub department: Option<usize>,
}

#[derive(Clone, Debug)]
pub enum UserEdit {
    Active(bool),
    Title(Option<usize>),
    Department(Option<usize>),
    External(Option<usize>),
    Rename(usize),
    AddMail(usize),
    RemoveMail(usize),
}

#[derive(Clone, Debug)]
pub enum GroupEdit {
    Add(Vec<usize>),
    RemoveOne(usize),
    RemoveListed(Vec<usize>),
    Replace(Vec<usize>),
    Clear,
    Rename(usize),
}

/// A history, each step with a number that chooses what is looked at afterwards.
pub fn history(length: usize) -> impl Strategy<Value = Vec<(Step, u64)>> {
    vec((step(), any::<u64>()), length)
}

fn step() -> impl Strategy<Value = Step> {
    let by = || 0..2_usize;
    let which = || 0..24_usize;
    prop_oneof![
        4 => (by(), user()).prop_map(|(by, user)| Step::CreateUser { by, user }),
        2 => (by(), which(), user())
            .prop_map(|(by, which, user)| Step::ReplaceUser { by, which, user }),
        5 => (by(), which(), user_edit())
            .prop_map(|(by, which, edit)| Step::PatchUser { by, which, edit }),
        1 => (by(), which()).prop_map(|(by, which)| Step::DeleteUser { by, which }),
        3 => (by(), 0..12_usize, members())
            .prop_map(|(by, name, members)| Step::CreateGroup { by, name, members }),
        1 => (by(), which(), 0..12_usize, option::of(members())).prop_map(
            |(by, which, name, members)| Step::ReplaceGroup { by, which, name, members }
        ),
        5 => (by(), which(), group_edit())
            .prop_map(|(by, which, edit)| Step::PatchGroup { by, which, edit }),
        1 => (by(), which()).prop_map(|(by, which)| Step::DeleteGroup { by, which }),
    ]
}

fn user() -> impl Strategy<Value = User> {
    let few = || option::of(0..4_usize);
    (0..20_usize, few(), option::of(any::<bool>()), few(), few()).prop_map(
        |(name, external, active, title, department)| User {
            name,
            external,
            active,
            title,
            department,
        },
    )
}

fn user_edit() -> impl Strategy<Value = UserEdit> {
    let few = || option::of(0..4_usize);
    prop_oneof![
        3 => any::<bool>().prop_map(UserEdit::Active),
        1 => few().prop_map(UserEdit::Title),
        1 => few().prop_map(UserEdit::Department),
        1 => few().prop_map(UserEdit::External),
        1 => (0..20_usize).prop_map(UserEdit::Rename),
        2 => (0..3_usize).prop_map(UserEdit::AddMail),
        1 => (0..3_usize).prop_map(UserEdit::RemoveMail),
    ]
}

fn group_edit() -> impl Strategy<Value = GroupEdit> {
    prop_oneof![
        6 => members().prop_map(GroupEdit::Add),
        2 => (0..36_usize).prop_map(GroupEdit::RemoveOne),
        1 => members().prop_map(GroupEdit::RemoveListed),
        1 => members().prop_map(GroupEdit::Replace),
        1 => Just(GroupEdit::Clear),
        1 => (0..12_usize).prop_map(GroupEdit::Rename),
    ]
}

fn members() -> impl Strategy<Value = Vec<usize>> {
    vec(0..36_usize, 0..3)
}

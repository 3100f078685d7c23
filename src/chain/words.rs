//! Actions and subjects in the words of pages. An action that is missing here shows its own name; a test compares.

const ACTIONS: &[(&str, &str)] = &[
    ("account.disabled", "停用账号"),
    ("account.enabled", "恢复账号"),
    ("account.made", "开通账号"),
    ("authorising_document.recorded", "登记授权文件"),
    ("binding.accounted", "包案述职"),
    ("binding.commented", "包案点评"),
    ("binding.decided", "批准或不批准包案"),
    ("binding.extension_asked", "申请包案延期"),
    ("binding.extension_decided", "批准或不批准包案延期"),
    ("binding.handed_over", "移交包案"),
    ("binding.proposed", "提请包案"),
    ("binding.read", "查看包案"),
    ("binding.taken_over", "接收包案"),
    ("bindings.exported", "导出包案清单"),
    ("bindings.read", "查看包案清单"),
    ("content.destroyed", "依法删除个人信息"),
    ("entry.read", "查看记录"),
    ("entry.recorded", "记一笔"),
    ("entry.withdrawn", "撤回记录"),
    ("export.made", "导出"),
    ("household.read", "查看户"),
    ("import.run", "导入"),
    ("leader_reward.decided", "决定奖惩"),
    ("leader_reward.signed", "签署奖惩决定"),
    ("notes.read", "查看民情登记本"),
    ("password.changed", "更换口令"),
    ("password.forgotten", "作废口令"),
    ("password.reset", "重设口令"),
    ("pay_correction.recorded", "登记绩酬更正"),
    ("pay_ranking.recorded", "评议排序"),
    ("pay_run.approved", "核准绩酬"),
    ("pay_run.exported", "导出绩酬发放表"),
    ("pay_run.read", "查看绩酬结算"),
    ("pay_run.settled", "结算绩酬"),
    ("pay_run.submitted", "提交绩酬会签"),
    ("pay_share.read", "查看绩酬依据"),
    ("pay_waiver.recorded", "批准不拉开差额"),
    ("petition.accepted", "受理"),
    ("petition.acknowledged", "信访人确认"),
    ("petition.assigned", "交办"),
    ("petition.bound", "包案"),
    ("petition.called_back", "回访"),
    ("petition.classified", "分类"),
    ("petition.closed", "办结销号"),
    ("petition.extended", "延期"),
    ("petition.forwarded", "转送"),
    ("petition.marked_severe", "标为情况严重"),
    ("petition.objected", "提出异议"),
    ("petition.opinion_issued", "出具处理意见书"),
    ("petition.rated", "群众评价"),
    ("petition.read", "查看卡片"),
    ("petition.recused", "登记回避"),
    ("petition.registered", "登记"),
    ("petition.served", "送达"),
    ("petition.step", "记办理"),
    ("petition.supplemented", "群众补充"),
    ("petition.taken_back", "同意退回"),
    ("petition.unbound", "结束包案"),
    ("petitions.exported", "导出台账"),
    ("plan.submitted", "提交预安"),
    ("plan_item.accounted", "述职"),
    ("plan_item.added", "追加"),
    ("plan_item.cancelled", "销号"),
    ("plan_item.frozen", "定稿"),
    ("plan_item.proposed", "提出预安项"),
    ("plan_item.relieved", "撤销或顺延"),
    ("plan_item.returned", "退回"),
    ("plan_item.reversed", "撤回销号"),
    ("plan_item.revised", "改预安项"),
    ("plan_item.sent_back", "退改"),
    ("policy_value.recorded", "登记本县规定值"),
    ("roles.granted", "授予角色"),
    ("session.began", "登录"),
    ("session.ended", "退出"),
];

const SUBJECTS: &[(&str, &str)] = &[
    ("account", "账号"),
    ("authorising_document", "授权文件"),
    ("entry", "记录"),
    ("export", "导出"),
    ("household", "户"),
    ("import", "导入"),
    ("leader_reward", "奖惩决定"),
    ("notes", "民情（区划）"),
    ("official", "干部"),
    ("pay_run", "绩酬结算"),
    ("petition", "信访事项"),
    ("plan", "预安"),
    ("plan_item", "预安项"),
    ("policy_value", "规定值"),
];

fn look_up<'a>(list: &[(&str, &'a str)], word: &'a str) -> &'a str {
    list.iter().find(|(key, _)| *key == word).map_or(word, |(_, label)| label)
}

/// An action as pages name it.
pub(super) fn action(word: &str) -> &str {
    look_up(ACTIONS, word)
}

/// A subject as pages name it.
pub(super) fn subject(word: &str) -> &str {
    look_up(SUBJECTS, word)
}

from django.urls import path

from multitask.recommendations.api import draft_views, recommend_views, search_views, views

urlpatterns = [
    path("search/", search_views.SearchView.as_view(), name="search"),
    path("search/suggestions/", search_views.SuggestionsView.as_view(), name="search-suggestions"),
    path("skills/", views.SkillListView.as_view(), name="skill-list"),
    path("skills/suggestions/", draft_views.SkillSuggestionsView.as_view(), name="skill-suggestions"),
    path("skills/user-skills/", views.UserSkillListView.as_view(), name="user-skill-list"),
    path("skills/user-skills/<int:pk>/", views.UserSkillView.as_view(), name="user-skill-detail"),
    path("tasks/suggestions/", draft_views.DraftSuggestionsView.as_view(), name="task-suggestions"),
    path("tasks/<int:pk>/similar/", views.SimilarTasksView.as_view(), name="task-similar"),
    path("recommendations/for-you/", recommend_views.ForYouView.as_view(), name="for-you"),
    path("recommendations/freelancers/", recommend_views.FreelancersView.as_view(), name="freelancers"),
    path("recommendations/feedback/", recommend_views.FeedbackView.as_view(), name="feedback"),
    path(
        "recommendations/feedback/<int:task>/",
        recommend_views.FeedbackUndoView.as_view(),
        name="feedback-undo",
    ),
    path("recommendations/preferences/", recommend_views.PreferencesView.as_view(), name="preferences"),
    path("recommendations/onboarding/", recommend_views.OnboardingView.as_view(), name="onboarding"),
]
